// SPDX-License-Identifier: Apache-2.0
package jpasst.datapath;

import jpasst.forward.Addresses;
import jpasst.addr.Ip;
import jpasst.frame.Frame;
import jpasst.frame.FrameHandler;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.tcp.TcpFlows;
import jpasst.wire.AddressCheck;
import jpasst.wire.DropReason;
import jpasst.wire.EthernetHeader;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;

public final class FromTap implements FrameHandler {
    private final TcpFlows tcp;
    private final Addresses addresses;
    private final Counters counters;
    private final EthernetHeader ethernet = new EthernetHeader();
    private final IpPacket packet = new IpPacket();

    public FromTap(TcpFlows tcp, Addresses addresses, Counters counters) {
        this.tcp = tcp;
        this.addresses = addresses;
        this.counters = counters;
    }

    @Override
    public void frame(Frame frame, long nowNs) {
        ethernet.wrap(frame.memory(), frame.at());
        if (!ethernet.isValid(frame.length())) return;
        addresses.learnMac(ethernet.source(), nowNs);
        if (!packet.parse(frame.memory(), frame.at() + EthernetHeader.LENGTH,
                frame.length() - EthernetHeader.LENGTH, ethernet.type())) {
            return;
        }
        if (AddressCheck.check(packet) != DropReason.NONE) return;
        if (packet.protocol() == IpProtocol.TCP) tcp.fromTap(frame, packet, nowNs);
    }

    @Override
    public void endBatch(long nowNs) {
        tcp.endBatch(nowNs);
    }
}
