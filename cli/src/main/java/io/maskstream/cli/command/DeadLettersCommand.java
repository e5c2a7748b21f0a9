package io.maskstream.cli.command;

import io.maskstream.cli.LoopOptions;
import io.maskstream.cli.LoopSettings;
import io.maskstream.cli.Output;
import io.maskstream.cli.Table;
import io.maskstream.service.DeadLetterReplay;
import io.maskstream.service.ExitCode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows and replays what stages refused. */
@Command(
        name = "dead-letters",
        description = "List the records that stages refused, or send them again.",
        mixinStandardHelpOptions = true)
public final class DeadLettersCommand {

    @Command(name = "list", description = "List the dead letters, oldest first.", mixinStandardHelpOptions = true)
    int list(@Mixin LoopOptions options, @Mixin Output output) throws Exception {
        LoopSettings settings = options.load();
        TopicsCommand.connect(settings).close();
        List<DeadLetterReplay.Listed> letters =
                new DeadLetterReplay(settings.connection(), settings.catalogue()).list();
        Table table = new Table("key", "stage", "failed", "replayed", "cause");
        for (DeadLetterReplay.Listed one : letters) {
            table.row(
                    one.key(),
                    one.letter().getStage(),
                    one.letter().getFailedAt(),
                    one.replayedBefore() ? "yes" : "no",
                    one.letter().getCause());
        }
        List<Map<String, Object>> rows = letters.stream()
                .map(one -> Map.<String, Object>of(
                        "key", one.key(),
                        "stage", one.letter().getStage(),
                        "topic", one.letter().getTopic(),
                        "cause", one.letter().getCause(),
                        "failedAt", one.letter().getFailedAt().toString(),
                        "replayedBefore", one.replayedBefore()))
                .toList();
        output.show(rows, out -> {
            if (letters.isEmpty()) {
                out.println("no dead letters");
            } else {
                table.print(out);
            }
        });
        return 0;
    }

    @Command(
            name = "replay",
            description = "Send the records of dead letters again, to the topics they were read from.",
            mixinStandardHelpOptions = true)
    int replay(
            @Mixin LoopOptions options,
            @Mixin Output output,
            @Option(names = "--all", description = "All that were not sent again before.") boolean all,
            @Parameters(arity = "0..*", paramLabel = "KEY", description = "Keys as listed.") List<String> keys)
            throws Exception {
        Set<String> wanted = keys == null ? Set.of() : Set.copyOf(keys);
        if (all == !wanted.isEmpty()) {
            throw new IllegalArgumentException("name the keys of the dead letters to send again, or give --all");
        }
        LoopSettings settings = options.load();
        TopicsCommand.connect(settings).close();
        DeadLetterReplay replay = new DeadLetterReplay(settings.connection(), settings.catalogue());
        List<DeadLetterReplay.Listed> chosen = replay.list().stream()
                .filter(one -> all ? !one.replayedBefore() : wanted.contains(one.key()))
                .toList();
        if (!all && chosen.size() < wanted.size()) {
            throw new IllegalArgumentException(
                    "some of " + wanted + " are not in dead-letters; see: dead-letters list");
        }
        DeadLetterReplay.Report report = replay.replay(chosen);
        output.show(report, out -> {
            out.println(report.replayed().size() + " sent again");
            report.skipped().forEach(one -> out.println("not sent: " + one));
        });
        return (report.skipped().isEmpty() ? ExitCode.OK : ExitCode.FAILED).code();
    }
}
