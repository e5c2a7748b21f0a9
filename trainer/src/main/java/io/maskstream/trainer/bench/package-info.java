/**
 * What a step of training costs: the graph against the same network written out, and against any other program.
 *
 * <p>Start at {@link io.maskstream.trainer.bench.TrainerBench}. {@link io.maskstream.trainer.bench.DirectNetworks} has every
 * starting model in direct calls of libtorch; nothing else uses them.
 */
@NullMarked
package io.maskstream.trainer.bench;

import org.jspecify.annotations.NullMarked;
