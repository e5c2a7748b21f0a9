/** The system test: the project's own image, the compose file's own services, a Prometheus that scrapes them. */
@NullMarked
package io.maskstream.cli.container;

import org.jspecify.annotations.NullMarked;
