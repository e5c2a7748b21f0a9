/**
 * The shell that every main uses: settings, metrics, the HTTP server, start and stop.
 *
 * <p>Start at {@link io.maskstream.service.HttpServer} for what a process serves, at {@link io.maskstream.service.App} for
 * what it runs, at {@link io.maskstream.service.Settings} for how it is set up.
 */
@NullMarked
package io.maskstream.service;

import org.jspecify.annotations.NullMarked;
