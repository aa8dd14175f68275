// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

/** What clients from outside send fares as on other connections. */
class InboundHostToGuestTest extends HostToGuestTest {
    @Override
    TcpHarness harness(TcpSettings settings) {
        return super.harness(settings).fromOutside();
    }
}
