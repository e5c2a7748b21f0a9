package io.maskstream.trainer.block;

import io.maskstream.trainer.network.Outputs;

/** A lesson in which a branch speaks for the learner. */
final class BranchLesson extends WrappedLesson {
    private final String branch;

    /**
     * @param whole the lesson of the whole network
     * @param branch whose class scores are compared
     */
    BranchLesson(Lesson whole, String branch) {
        super(whole);
        this.branch = branch;
    }

    @Override
    public Outputs learner() {
        return super.learner().speaking(branch);
    }

    @Override
    public Lesson also(String input, String target) {
        return new BranchLesson(super.also(input, target), branch);
    }
}
