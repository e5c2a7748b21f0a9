package io.maskstream.trainer.network;

import io.maskstream.trainer.network.operator.Operation;
import java.util.List;

/**
 * What one step of a pass does: a node of the graph, or several of them as one operation.
 *
 * @param name the node for messages
 * @param inputs the names of the values it reads, empty where it reads none
 * @param outputs the names of the values it gives
 * @param inUse whether it behaves as in use even in training, since its weights are frozen
 * @param narrow whether it is a convolution, which mixed precision computes in 16 bits
 * @param fresh whether it gives a tensor of its own that its backward pass does not need
 */
record Call(
        String name,
        Operation operation,
        List<String> inputs,
        List<String> outputs,
        boolean inUse,
        boolean narrow,
        boolean fresh) {}
