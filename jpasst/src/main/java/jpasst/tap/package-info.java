// SPDX-License-Identifier: Apache-2.0

/**
 * The guest's end: a tap device in its network namespace.
 *
 * <h2>Life of a frame</h2> The namespace's kernel sends a frame out of the interface, and the
 * device becomes readable. {@link jpasst.tap.TapInput} reads all there is, a batch at a time, into
 * one region of memory, and shows each frame to a {@link jpasst.frame.FrameHandler} with the facts
 * of its {@code struct virtio_net_hdr}: which checksum is still to be filled in, and into which
 * segments it is to be cut. Back, {@link jpasst.tap.TapDevice} writes header and frame by one
 * system call, and the namespace's kernel has processed it when that returns.
 *
 * <h2>Offloads</h2> With them a frame is up to 64 KiB long whatever the MTU is, and no checksum is
 * computed over payload. What the kernel has is found out flag by flag, down to a device without
 * any; {@link jpasst.frame.SoftwareOffload} then does what the device cannot.
 *
 * <h2>Cost</h2> One system call per frame each way, and one per batch to learn that it has ended.
 */
package jpasst.tap;
