/**
 * The bench of methods as the command line runs it: trainings in processes of their own, and the pictures of what they found.
 *
 * <p>Start at {@link io.maskstream.cli.bench.TrialProcesses} and {@link io.maskstream.cli.bench.GainPicture}; the figures are made in
 * {@code trainer.bench}.
 */
@NullMarked
package io.maskstream.cli.bench;

import org.jspecify.annotations.NullMarked;
