package io.maskstream.cli.command;

import io.maskstream.cli.Output;
import io.maskstream.cli.Table;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.Methods;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists the learning methods. */
@Command(
        name = "methods",
        description = "List the learning methods, with family and citation.",
        mixinStandardHelpOptions = true)
public final class MethodsCommand implements Callable<Integer> {
    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws Exception {
        List<Map<String, String>> all = Methods.all().stream()
                .map(method ->
                        Map.of("name", method.name(), "category", method.category(), "citation", method.citation()))
                .toList();
        output.show(all, out -> {
            Table table = new Table("name", "category", "citation");
            for (Method method : Methods.all()) {
                table.row(method.name(), method.category(), method.citation());
            }
            table.print(out);
        });
        return 0;
    }
}
