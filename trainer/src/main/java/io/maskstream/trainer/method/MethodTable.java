package io.maskstream.trainer.method;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The page on the learning methods, {@code docs/methods.md}, written from their recipes. */
public final class MethodTable {
    private MethodTable() {}

    /** Returns the sheet of every method, by category and name. */
    public static List<MethodSheet> sheets() {
        return Methods.all().stream()
                .map(method -> MethodSheet.of(method, Map.of()))
                .sorted((one, other) -> {
                    int category = one.category().compareTo(other.category());
                    return category != 0 ? category : one.name().compareTo(other.name());
                })
                .toList();
    }

    /** Returns the page. */
    public static String markdown() {
        StringBuilder page = new StringBuilder(
                """
                # Learning methods

                Every method is a recipe of the same blocks and is chosen by name: `train --method fixmatch`, likewise `simulate`,
                and `--set trainer.method=fixmatch` for `demo`, `up` and `train-loop`. All of them learn annotations alike, under a weak
                view, and release the same network; they differ in what they make of images without annotation. With the option
                `unlabelled-weight` at 0 each is supervised learning, bit for bit.

                ## Which one?

                1. Take `supervised` first; it is what the others have to beat, and with labels enough nothing does.
                2. Measure on your own data. Which method helps depends on the network, the labels and the length of the training more than
                   on the year of the paper:

                       ./maskstream bench methods --dataset DIR --model START.onnx --labels 12 --size 240x176 \\
                           --iterations 300 --batch 8 --learning-rate 2e-4 --methods all --seeds 1,2,3 --out bench

                   All runs share data, network, labels (the seed chooses them), steps and seeds. The gain over `supervised` is paired,
                   seed by seed and image by image, and its 95 % interval is over both. `supervised` with all labels is the ceiling; *of
                   the gap* is the share of what all labels gain. Finished runs stay in `--out`, so the same line with more methods or
                   seeds goes on from there; runs with other settings are refused. `fixmatch:threshold=0.8` in `--methods` is a method with
                   an option set, beside the same without it.
                3. Look why. `labels-METHOD.png` shows, class by class and over the steps, the share of pseudo-labels that were right
                   (precision) and of pixels that had one (coverage). A method with low precision feeds its own mistakes: raise its
                   threshold, start from a better network or give more labels. One with low coverage does nothing yet: lower the threshold,
                   shorten the ramp or train longer. Where a class dies out while the common ones grow, `--option alignment=1` keeps the annotated
                   shares and `--option wait=0.3` lets the network learn first; a class that is never covered wants a label of its own. A network
                   that knew the classes before it met the annotations forgets those that they do not show:
                   `--option steady-average=1 --option teacher-decay=0.998` releases an average that remembers the start (it has decay^steps of
                   it, here 0.74 after 150 steps), which costs nothing and can gain more than any method; try it with `supervised` first, and
                   hold methods against that: `--against supervised:steady-average=1`. `ramp=0` lets labels count before the classes are gone. A network that starts from
                   nothing teaches itself that everything is background unless its labels wait.
                   [What was tried on real images, and what came of it](method-trials.md).
                4. See what a method is made of and what can be set with `./maskstream methods show NAME`, and set it with
                   `--option NAME=VALUE`.

                ## The methods

                - **networks**: in memory at once, auxiliary ones among them; the optimiser's state comes on top for those that learn.
                - **labelled, unlabelled**: passes over a batch in a step, F forward and FB forward and backward, a mean over the stages.
                - **stages**: of a round; the steps of a round are shared between them.
                - **pool**: forward passes over all images without annotation between the stages, to label and to rank them.
                - **released**: the member whose network is exported, without its branches.

                This page is written from the code (`MethodTableTest`, with `-Dmaskstream.docs.write=true`).

                | method | category | paper | networks | labelled | unlabelled | stages | pool | released |
                | --- | --- | --- | --- | --- | --- | --- | --- | --- |
                """);
        List<MethodSheet> sheets = sheets();
        for (MethodSheet sheet : sheets) {
            page.append(String.format(
                    Locale.ROOT,
                    "| `%s` | %s | %s | %d | %s | %s | %d | %s | %s |%n",
                    sheet.name(),
                    sheet.category(),
                    sheet.paper(),
                    sheet.networks(),
                    sheet.labelledCost(),
                    sheet.unlabelledCost(),
                    sheet.stages().size(),
                    sheet.poolPasses() == 0 ? "–" : number(sheet.poolPasses()),
                    sheet.exported()));
        }
        page.append(String.format("%n## Their options%n%nThose of every method: %s.%n%n", words(Supervision.OPTIONS)));
        for (MethodSheet sheet : sheets) {
            List<Option> own = sheet.options().stream()
                    .filter(option -> !Supervision.OPTIONS.contains(option))
                    .toList();
            if (!own.isEmpty()) {
                page.append(String.format("- **%s**: %s.%n", sheet.name(), words(own)));
            }
        }
        page.append("\n## Papers\n\n");
        sheets.forEach(sheet -> page.append(String.format("- **%s**: %s.%n", sheet.name(), sheet.citation())));
        return page.toString().replace("\r", "");
    }

    private static String words(List<Option> options) {
        return options.stream().map(MethodTable::words).collect(Collectors.joining("; "));
    }

    private static String words(Option option) {
        return String.format(
                Locale.ROOT,
                "`%s` %s (%s to %s), %s",
                option.name(),
                number(option.usual()),
                number(option.least()),
                number(option.most()),
                option.meaning());
    }

    /** Returns a number with no more digits than say something. */
    public static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString(Math.round(value))
                : Double.toString(Math.round(value * 1e6) / 1e6);
    }
}
