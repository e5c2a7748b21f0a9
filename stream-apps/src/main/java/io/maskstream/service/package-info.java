/** The shell that every main uses: settings, metrics, the HTTP server, start and stop. */
@NullMarked
package io.maskstream.service;

import org.jspecify.annotations.NullMarked;
