/**
 * Looks whether this machine can run the loop, and says what to do where it cannot.
 *
 * <p>Start at {@link io.maskstream.cli.doctor.Diagnosis}.
 */
@NullMarked
package io.maskstream.cli.doctor;

import org.jspecify.annotations.NullMarked;
