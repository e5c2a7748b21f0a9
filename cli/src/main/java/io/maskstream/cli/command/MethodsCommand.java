package io.maskstream.cli.command;

import io.maskstream.cli.Output;
import io.maskstream.cli.Table;
import io.maskstream.trainer.method.MethodSheet;
import io.maskstream.trainer.method.MethodSheet.StageSheet;
import io.maskstream.trainer.method.MethodTable;
import io.maskstream.trainer.method.Methods;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists the learning methods, and shows what one is made of. */
@Command(
        name = "methods",
        description = {
            "List the learning methods: family, paper, networks in memory, what a step costs, what is released.",
            "F is a pass forward over a batch, FB one forward and backward; pool: passes over all unlabelled images between",
            "the stages. What they gain: maskstream bench methods."
        },
        mixinStandardHelpOptions = true)
public final class MethodsCommand implements Callable<Integer> {
    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws Exception {
        List<MethodSheet> sheets = MethodTable.sheets();
        output.show(sheets, out -> {
            Table table = new Table(
                    "name", "category", "paper", "networks", "labelled", "unlabelled", "stages", "pool", "released");
            for (MethodSheet sheet : sheets) {
                table.row(
                        sheet.name(),
                        sheet.category(),
                        sheet.paper(),
                        sheet.networks(),
                        sheet.labelledCost(),
                        sheet.unlabelledCost(),
                        sheet.stages().size(),
                        sheet.poolPasses() == 0 ? "–" : MethodTable.number(sheet.poolPasses()),
                        sheet.exported());
            }
            table.print(out);
        });
        return 0;
    }

    @Command(
            name = "show",
            description = "Show a method's recipe as composed, its options and its paper.",
            mixinStandardHelpOptions = true)
    int show(
            @Mixin Output shown,
            @Mixin MethodOptions options,
            @Parameters(paramLabel = "NAME", description = "Of a method; see: maskstream methods.") String name)
            throws Exception {
        MethodSheet sheet = MethodSheet.of(Methods.named(name), options.valuesFor(name));
        shown.show(sheet, out -> print(sheet, out));
        return 0;
    }

    private static void print(MethodSheet sheet, PrintWriter out) {
        out.println(sheet.name() + ", " + sheet.category());
        out.println(sheet.citation() + ".");
        out.printf(
                "%d networks in memory; a step costs labelled %s, unlabelled %s; %s is released%n",
                sheet.networks(), sheet.labelledCost(), sheet.unlabelledCost(), sheet.exported());
        if (sheet.poolPasses() > 0) {
            out.println(MethodTable.number(sheet.poolPasses())
                    + " forward passes over all images without annotation between the stages");
        }
        for (StageSheet stage : sheet.stages()) {
            out.println();
            if (sheet.stages().size() > 1) {
                out.printf(
                        Locale.ROOT,
                        "stage %s, %.0f%% of the steps, labelled %s, unlabelled %s%n",
                        stage.name(),
                        100 * stage.share(),
                        stage.labelledCost(),
                        stage.unlabelledCost());
            }
            lines(out, "start", List.of(stage.start()));
            lines(out, "networks", stage.members());
            lines(out, "inputs", stage.inputs());
            lines(out, "labels", stage.labellings());
            lines(out, "losses", stage.objectives());
            lines(out, "weights", stage.transfers());
            lines(out, "banks", stage.banks());
            lines(out, "result", List.of(stage.exported()));
        }
        out.println();
        Table table = new Table("option", "usual", "least", "most", "meaning");
        sheet.options()
                .forEach(option -> table.row(
                        option.name(),
                        MethodTable.number(option.usual()),
                        MethodTable.number(option.least()),
                        MethodTable.number(option.most()),
                        option.meaning()));
        table.print(out);
        out.println("set with --option NAME=VALUE");
    }

    private static void lines(PrintWriter out, String head, List<String> lines) {
        String before = head;
        for (String line : lines) {
            out.printf("%-10s%s%n", before, line);
            before = "";
        }
    }
}
