// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.frame.Frame;
import jpasst.frame.FrameHandler;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.LazyMemory;
import jpasst.linux.VirtioNetHeader;
import jpasst.loop.EventHandler;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/**
 * Reads what the guest sends out of a {@link TapDevice}, in batches. Small frames lie close to each
 * other in memory, large ones end a batch soon, so that a batch stays in the processor's cache.
 * Loop thread only.
 */
public final class TapInput implements EventHandler {
    private static final int REGION_BYTES = 192 * 1024;
    private static final int MAX_FRAMES = 64;
    /** Batches per event: then sockets have their turn, and the device is still readable. */
    private static final int MAX_BATCHES = 4;
    private static final long ALIGNMENT = 64;

    private final TapDevice device;
    private final FrameHandler handler;
    private final Runnable onGone;
    private final Counters counters;
    private final MemorySegment region;
    private final int headerLength;
    private final Frame frame = new Frame();
    /** Whether the last event was about one frame only. */
    private boolean alone;
    /** Whether the last batch ended because the device had no more. */
    private boolean drained;

    /**
     * @param arena lives as long as this
     * @param onGone run when the device cannot be read any more: the interface was deleted
     */
    public TapInput(Arena arena, TapDevice device, FrameHandler handler, Counters counters,
            Runnable onGone) {
        this.device = device;
        this.handler = handler;
        this.counters = counters;
        this.onGone = onGone;
        headerLength = device.headerLength();
        region = LazyMemory.allocate(arena,
                REGION_BYTES + headerLength + Frame.MAXIMUM_LENGTH);
    }

    @Override
    public void onEvent(int fd, int payload, int events, long nowNs) {
        if ((events & (Epoll.EPOLLERR | Epoll.EPOLLHUP)) != 0) {
            onGone.run();
            return;
        }
        int total = 0;
        boolean more = true;
        for (int i = 0; i < MAX_BATCHES && more; i++) {
            // Where frames come one by one, none waits until it is known to have been the only one.
            int limit = i == 0 && alone ? 1 : MAX_FRAMES;
            int count = readBatch(limit, nowNs);
            handler.endBatch(nowNs);
            total += count;
            more = !drained;
        }
        alone = total <= 1;
    }

    /** Reads one batch: how many frames there were. Notes whether there are no more. */
    private int readBatch(int limit, long nowNs) {
        long at = 0;
        int count = 0;
        drained = false;
        while (count < limit && at < REGION_BYTES) {
            long length = Files.read(device.fd(), region, at,
                    headerLength + Frame.MAXIMUM_LENGTH);
            if (length == -Errno.EINTR) continue;
            if (length <= 0) {
                if (length != -Errno.EAGAIN) onGone.run();
                drained = true;
                return count;
            }
            take(at, (int) length, nowNs);
            at = at + length + ALIGNMENT - 1 & -ALIGNMENT;
            count++;
        }
        return count;
    }

    private void take(long at, int length, long nowNs) {
        if (length <= headerLength) {
            counters.increment(Counter.DROP_MALFORMED_ETHERNET);
            return;
        }
        frame.wrap(region, at + headerLength, length - headerLength);
        if (headerLength > 0) takeFacts(at);
        counters.increment(Counter.FRAMES_FROM_TAP);
        counters.add(Counter.BYTES_FROM_TAP, frame.length());
        handler.frame(frame, nowNs);
    }

    private void takeFacts(long at) {
        int flags = VirtioNetHeader.flags(region, at);
        if ((flags & VirtioNetHeader.NEEDS_CHECKSUM) != 0) {
            frame.partialChecksum(VirtioNetHeader.checksumStart(region, at),
                    VirtioNetHeader.checksumOffset(region, at));
        }
        frame.trusted((flags & VirtioNetHeader.DATA_VALID) != 0);
        int gsoType = VirtioNetHeader.gsoType(region, at) & ~VirtioNetHeader.GSO_ECN;
        if (gsoType != Frame.GSO_NONE) {
            frame.gso(gsoType, VirtioNetHeader.gsoSize(region, at),
                    VirtioNetHeader.headerLength(region, at));
        }
    }
}
