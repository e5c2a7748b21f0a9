package io.maskstream.trainer.method.mutual;

import io.maskstream.trainer.block.Labeler;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.RecipeBuilder;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Refinement;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.label.Votes;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Peers;
import io.maskstream.trainer.method.Supervision;
import java.util.List;
import java.util.Optional;

/**
 * {@link CrossPseudoSupervision} with any number of networks: every two of them exchange their most probable classes.
 *
 * <p>Filipiak, Tempczyk, Cygan, "n-CPS: Generalising Cross Pseudo Supervision to n Networks", 2021. A network learns from each of the n - 1
 * others, each term divided by n - 1; all are summed. With two networks it is cross pseudo supervision. Labels may be dropped where their
 * giver is not confident; by default none is.
 *
 * <p>Departures: those of {@link CrossPseudoSupervision}. The paper lets all networks vote when it is used; a stream serves one, so the
 * released network is the moving average of the first, and what the vote would add is lost. A network may learn from one vote of the
 * others in place of each of them, which is ours.
 *
 * <p>Streaming: all networks go on in the next round. Labels are made in every step, so stored pseudo-labels serve routing alone. The
 * margin of the networks' vote would be a better score for routing than one network's confidence.
 */
public final class ManyCrossSupervision implements Method {
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1.5);
    private static final Option RAMP = Option.ramp(0);
    private static final Option THRESHOLD = Option.threshold(0);
    private static final Option NETWORKS =
            new Option("networks", 3, 2, 8, "how many networks learn together, the released one among them");
    private static final Option NORMALISED =
            new Option("normalised", 0, 0, 1, "1 multiplies the exchange by 2 / networks, 0 does not");

    private static final Option VOTE = new Option(
            "vote",
            0,
            0,
            3,
            "0 learns from each other network, as published; 1 from their mean, 2 the surest, 3 the most");
    private static final List<Optional<Labeler>> VOTES = List.of(
            Optional.empty(),
            Optional.of(Labeler.meanProbability()),
            Optional.of(Votes.byConfidence()),
            Optional.of(Votes.byMajority()));

    @Override
    public String name() {
        return "n-cps";
    }

    @Override
    public String citation() {
        return "Filipiak, Tempczyk, Cygan: n-CPS: Generalising Cross Pseudo Supervision to n Networks. arXiv 2112.07528, 2021";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(
                UNLABELLED_WEIGHT,
                RAMP,
                THRESHOLD,
                NETWORKS,
                NORMALISED,
                VOTE,
                CrossPseudoSupervision.MIXING,
                Peers.NOVELTY);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        int networks = settings.count(NETWORKS);
        Labeler vote = VOTES.get(settings.count(VOTE)).orElse(null);
        double whole = settings.get(UNLABELLED_WEIGHT) * (settings.count(NORMALISED) == 1 ? 2.0 / networks : 1);
        Refinement confident = Refinement.confidenceAbove(Schedule.constant(settings.get(THRESHOLD)));
        Exchange exchange = new Exchange(
                Peers.names(networks), vote, LossTerm.crossEntropy(Reduction.SELECTED), List.of(confident));
        RecipeBuilder recipe = Peers.of(settings, networks);
        double each = vote == null ? whole / (networks - 1) : whole;
        CrossPseudoSupervision.exchanging(recipe, settings, exchange, each, settings.get(RAMP));
        return RoundPlan.single(recipe.export("average"));
    }
}
