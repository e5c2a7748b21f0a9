package io.maskstream.labeling;

import io.maskstream.labeling.task.TaskState;
import io.maskstream.schemas.event.LabelTask;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** The stores of the fold, as they can be read from outside while the stream runs. */
interface DeskStores {
    /** Returns where each task stands. */
    ReadOnlyKeyValueStore<String, TaskState> states();

    /** Returns the tasks that can still be labelled. */
    ReadOnlyKeyValueStore<String, LabelTask> tasks();
}
