// SPDX-License-Identifier: Apache-2.0

/**
 * What tests of the data path share: frames built from words, a tap that remembers, and checks
 * that nest.
 *
 * <h2>Parts</h2>
 * {@link jpasst.testing.FrameBuilder} writes whole Ethernet frames with right lengths and
 * checksums, and lets a test break any byte afterwards. {@link jpasst.testing.FakeTap} is the
 * guest's end of the tap: it keeps a copy of every frame sent to it, with its offload facts.
 * {@link jpasst.testing.Checks} reads such a frame layer by layer:
 * <pre>{@code
 * assertFrame(tap.take(), ipv4(ttl(255), udp(sourcePort(53), payload("answer"))));
 * }</pre>
 * {@link jpasst.testing.NetworkSandbox} runs a test in a network namespace of its own.
 *
 * <h2>Independence</h2>
 * Builder and checks do their own byte arithmetic on arrays and use nothing of {@code jpasst.wire},
 * so that an error there shows.
 */
package jpasst.testing;
