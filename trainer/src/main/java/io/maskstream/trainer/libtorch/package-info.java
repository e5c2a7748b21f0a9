/** The native edge: libtorch tensors, scopes, devices, threads. */
@NullMarked
package io.maskstream.trainer.libtorch;

import org.jspecify.annotations.NullMarked;
