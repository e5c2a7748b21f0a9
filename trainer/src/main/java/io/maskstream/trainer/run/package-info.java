/**
 * Running a method: offline over a data set, or round after round on Kafka.
 *
 * <p>Start at {@link io.maskstream.trainer.run.OfflineTraining} for one training and at {@link
 * io.maskstream.trainer.run.TrainLoop} for the loop; both drive the same recipe loop.
 */
@NullMarked
package io.maskstream.trainer.run;

import org.jspecify.annotations.NullMarked;
