/** A real Kafka broker (KRaft) inside the process, for demo, single-machine use and tests. */
@NullMarked
package io.maskstream.broker;

import org.jspecify.annotations.NullMarked;
