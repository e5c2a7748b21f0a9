/**
 * A release's other numeric forms: made from its float32 file, judged on the same images, and kept only if they hold.
 *
 * <p>Start at {@link io.maskstream.trainer.form.ReleaseForms}; {@link io.maskstream.trainer.form.FormsBench} measures what a
 * form gains.
 */
@NullMarked
package io.maskstream.trainer.form;

import org.jspecify.annotations.NullMarked;
