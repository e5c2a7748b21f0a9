/**
 * Decides, for each prediction, whether the model learns from it, a person is asked, or neither; and sends what people
 * drew to training.
 *
 * <p>Start at {@link io.maskstream.routing.RoutingRule} for the rule, then {@link io.maskstream.routing.RoutingTopology}
 * for the stream; {@link io.maskstream.routing.RoutingReplay} asks the same rule what another policy would have done.
 */
@NullMarked
package io.maskstream.routing;

import org.jspecify.annotations.NullMarked;
