// SPDX-License-Identifier: Apache-2.0

/**
 * The guest's end: a tap device in a network namespace (pasta), or a virtual machine at the other
 * end of a UNIX stream socket (passt). The rest of the program sees a
 * {@link jpasst.tap.GuestLink} for what goes to the guest, and gets what comes from it in a
 * {@link jpasst.frame.FrameHandler}.
 *
 * <h2>Life of a frame, tap device</h2> The namespace's kernel sends a frame out of the interface,
 * and the device becomes readable. {@link jpasst.tap.TapInput} reads all there is, a batch at a
 * time, into one region of memory, and shows each frame to the handler with the facts of its
 * {@code struct virtio_net_hdr}: which checksum is still to be filled in, and into which segments
 * it is to be cut. Back, {@link jpasst.tap.TapDevice} writes header and frame by one system call,
 * and the namespace's kernel has processed it when that returns.
 *
 * <h2>Life of a frame, stream socket</h2> A frame goes behind its length, 32 bits in network byte
 * order, as QEMU's stream back-end has it. {@code StreamInput} reads what is there by one call,
 * shows the frames in it where they are, and reads the rest of an unfinished one behind its first
 * part. {@code StreamOutput} gathers frames until the round ends or its buffer is full. What is
 * large is made in that buffer ({@code FrameSink.lend}, {@code FrameSink.lendRun}), or else sent
 * from where it is. A byte stream has no place for half a frame: what the socket does not take is
 * kept. Meanwhile half a buffer more is made ready; then the link has no room, and TCP leaves its
 * data in the sockets ({@code GuestLink.hasRoom}). Other frames are taken as far as the buffer
 * reaches, then lost, as on any link. {@link jpasst.tap.StreamTap} is one client at a time, which
 * may leave and come back; flows outlive it. {@link jpasst.tap.StreamListener} turns further ones
 * away.
 *
 * <h2>Offloads</h2> With them a frame is up to 64 KiB long whatever the MTU is, and no checksum is
 * computed over payload. What the kernel has is found out flag by flag, down to a device without
 * any; {@link jpasst.frame.SoftwareOffload} then does what the device cannot, and all of it for
 * the stream socket.
 *
 * <h2>Invariants</h2> A frame from the guest stays where it is until its batch has ended. A length
 * that cannot be ends the connection: where the next frame begins is unknown then.
 *
 * <h2>Cost</h2> Tap device: one system call per frame each way, and one per batch to learn that it
 * has ended. Stream socket: one per up to 256 KiB from the guest, one per round or full buffer
 * (512 KiB) to it.
 */
package jpasst.tap;
