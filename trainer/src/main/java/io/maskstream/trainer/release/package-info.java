/**
 * Releases of models: the artefact in the content store, the event on the {@code models} topic.
 *
 * <p>Start at {@link io.maskstream.trainer.release.ModelRegistry}.
 */
@NullMarked
package io.maskstream.trainer.release;

import org.jspecify.annotations.NullMarked;
