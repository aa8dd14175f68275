// SPDX-License-Identifier: Apache-2.0

/**
 * The journey of a guest's frame, from the tap to who handles its protocol.
 *
 * <h2>Life of a frame</h2> {@link jpasst.datapath.FromTap} is shown each frame of a batch. It
 * drops what no sane guest sends (every reason has a counter), learns the guest's MAC and IP
 * addresses, and answers for the link itself: ARP and neighbour discovery. What is left goes, as
 * an {@link jpasst.wire.IpPacket} whose lengths and addresses can be relied on, through
 * {@link jpasst.datapath.Protocols} to TCP, UDP or ping. At the end of the batch these are told,
 * and do once what need not be done for every frame.
 *
 * <p>The way back needs nobody in between: the event of a socket names its flow, whose handler
 * builds a frame and gives it to the tap.
 *
 * <h2>Tracing</h2> With {@code --trace} a {@link jpasst.datapath.TracedInput} in front and a {@link
 * jpasst.datapath.TracedSink} round the tap say in a line what each frame is. Without it there are
 * none, and nobody on the way asks whether there should be.
 *
 * <h2>Invariants</h2> A frame's bytes stay as they are until its batch has ended. Nothing that a
 * frame contains can do more harm than being dropped: an exception costs that frame.
 */
package jpasst.datapath;
