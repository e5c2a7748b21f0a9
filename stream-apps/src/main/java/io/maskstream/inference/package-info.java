/**
 * Gives every image of the stream a mask and its uncertainty, exactly once, by a model that can change while it runs.
 *
 * <p>Start at {@link io.maskstream.inference.InferenceApp}; the transactional loop is {@code InferenceLoop}, the work on
 * one image {@code InferencePipeline}, the change of models {@code ModelWatcher}.
 */
@NullMarked
package io.maskstream.inference;

import org.jspecify.annotations.NullMarked;
