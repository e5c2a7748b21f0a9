package io.maskstream.trainer.block;

/** A lesson in which a pixel also counts by the class that its label says. */
final class ClassWeightedLesson extends WrappedLesson {
    private final ClassWeights classes;

    /**
     * @param whole the lesson in which pixels count by their label's weight alone
     * @param classes what a pixel of each class counts for, above 1 too
     */
    ClassWeightedLesson(Lesson whole, ClassWeights classes) {
        super(whole);
        this.classes = classes;
    }

    @Override
    public PseudoLabel target() {
        PseudoLabel label = super.target();
        return new PseudoLabel(
                label.hard(),
                label.confidence(),
                label.soft(),
                label.weight().mul(classes.of(label.hard())),
                label.valid(),
                label.source());
    }

    @Override
    public Lesson also(String input, String target) {
        return new ClassWeightedLesson(super.also(input, target), classes);
    }
}
