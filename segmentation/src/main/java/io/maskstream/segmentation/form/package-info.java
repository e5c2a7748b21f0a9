/**
 * The numeric forms of a released model: float16 for accelerators, int8 for processors, each made from the float32 file.
 *
 * <p>Start at {@link io.maskstream.segmentation.form.ModelForm} for which forms there are, then at
 * {@link io.maskstream.segmentation.form.Int8Form} and {@link io.maskstream.segmentation.form.Float16Form} for how they are
 * made, and at {@link io.maskstream.segmentation.form.Parity} for how near they come.
 */
@NullMarked
package io.maskstream.segmentation.form;

import org.jspecify.annotations.NullMarked;
