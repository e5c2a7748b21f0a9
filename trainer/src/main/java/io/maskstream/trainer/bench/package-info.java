/**
 * What a step of training costs, the graph against the same network written out and against any other program; and what methods gain over
 * supervised learning.
 *
 * <p>For the first, start at {@link io.maskstream.trainer.bench.TrainerBench}; for the second at {@link
 * io.maskstream.trainer.bench.MethodTrial}, of which {@link io.maskstream.trainer.bench.BenchFolder} keeps many and {@link
 * io.maskstream.trainer.bench.MethodComparison} makes sense. {@link io.maskstream.trainer.bench.DirectNetworks} has every
 * starting model in direct calls of libtorch; nothing else uses them.
 */
@NullMarked
package io.maskstream.trainer.bench;

import org.jspecify.annotations.NullMarked;
