package io.maskstream.inference;

import io.maskstream.segmentation.form.ModelForm;

/** Which numeric form of a release serves, as {@code inference.form} says. */
public enum FormChoice {
    /** float16 on an accelerator, float32 on the processor. */
    AUTO,
    FLOAT32,
    FLOAT16,
    INT8;

    /** Returns the form to look for. */
    ModelForm wanted(boolean onAccelerator) {
        return switch (this) {
            case AUTO -> onAccelerator ? ModelForm.FLOAT16 : ModelForm.FLOAT32;
            case FLOAT32 -> ModelForm.FLOAT32;
            case FLOAT16 -> ModelForm.FLOAT16;
            case INT8 -> ModelForm.INT8;
        };
    }
}
