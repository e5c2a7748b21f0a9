/**
 * Bytes outside Kafka, found by what they are: images above the inline limit and model artefacts.
 *
 * <p>Start at {@link io.maskstream.segmentation.store.ContentStore}.
 */
@NullMarked
package io.maskstream.segmentation.store;

import org.jspecify.annotations.NullMarked;
