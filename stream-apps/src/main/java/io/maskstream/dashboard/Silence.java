package io.maskstream.dashboard;

import io.maskstream.dashboard.LoopSnapshot.Edge;
import io.maskstream.dashboard.LoopSnapshot.Wait;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says what a silent part of the loop waits for; a pure function of the figures. */
final class Silence {
    private Silence() {}

    /** Returns one sentence for each part that shows nothing yet, upstream first. */
    static List<Wait> of(
            Map<String, Edge> edges,
            LoopSnapshot.@Nullable Model model,
            LoopSnapshot.Learning learning,
            LoopSnapshot.@Nullable Audit audit,
            LoopSnapshot.Tasks tasks,
            boolean measured) {
        List<Wait> waits = new ArrayList<>();
        long images = total(edges, "images");
        long predictions = total(edges, "predictions");
        if (images == 0) {
            waits.add(new Wait("publishers", "No image has arrived yet. Send some: maskstream publish FOLDER"));
        }
        if (model == null) {
            waits.add(new Wait(
                    "model",
                    "There is no model yet. The trainer releases a starting model as soon as it runs;"
                            + " inference waits for it."));
        } else if (images > 0 && predictions == 0) {
            waits.add(new Wait(
                    "inference",
                    "Images are waiting, but none has been predicted yet: inference is loading model " + model.version()
                            + " or does not run."));
        }
        if (predictions > 0 && total(edges, "decisions") == 0) {
            waits.add(new Wait("routing", "Predictions are waiting for routing: it is starting or does not run."));
        }
        if (model != null && model.round() == 0 && predictions > 0) {
            waits.add(new Wait("trainer", coldStart(learning)));
        } else if (model != null && model.round() > 0 && learning.sinceRelease() == 0 && learning.round() == null) {
            waits.add(new Wait("trainer", "No new annotation since the last round; the trainer waits for some."));
        }
        if (tasks.open() > 0 && tasks.held() == 0) {
            waits.add(new Wait(
                    "people",
                    tasks.open() + (tasks.open() == 1 ? " label task waits" : " label tasks wait")
                            + " for a person. Nobody is labelling now."));
        }
        if (!measured) {
            waits.add(new Wait("evaluation", evaluation(learning)));
        }
        if (audit == null) {
            waits.add(new Wait(
                    "audit",
                    "The error of pseudo-labels is not measured yet: it needs certain images that a person labelled"
                            + " all the same, and there are none before a trained model serves."));
        }
        return waits;
    }

    private static String coldStart(LoopSnapshot.Learning learning) {
        String labels = learning.labels() == 0
                ? "no annotation has come back yet"
                : learning.labels() + (learning.labels() == 1 ? " annotation is" : " annotations are") + " there";
        return "The model that serves has learnt nothing, so it is not believed. A random share goes to people until the"
                + " first round; " + labels + ".";
    }

    private static String evaluation(LoopSnapshot.Learning learning) {
        if (learning.evaluation() == 0) {
            return "No quality figure yet: there is no evaluation split until people have labelled images drawn for it.";
        }
        return learning.evaluation()
                + (learning.evaluation() == 1
                        ? " image of the evaluation split is"
                        : " images of the evaluation split are")
                + " labelled; the first figure comes with the next release or quality report.";
    }

    private static long total(Map<String, Edge> edges, String topic) {
        Edge edge = edges.get(topic);
        return edge == null ? 0 : edge.total();
    }
}
