package dev.toehold.cli;

import dev.toehold.net.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code ADDR:PORT}: {@code 10.0.0.2:80}, {@code [fd00::2]:80}; {@code [::]:80}, {@code :80} mean every address of both families. */
final class ListenAddress implements ITypeConverter<InetSocketAddress> {
    private static final String FORM =
            "write ADDR:PORT such as 10.0.0.2:80 or [fd00::2]:80; [::]:80 or :80 for all addresses";

    @Override
    public InetSocketAddress convert(String text) throws UnknownHostException {
        int colon = text.lastIndexOf(':');
        String digits = colon < 0 ? "" : text.substring(colon + 1);
        if (!digits.matches("[0-9]{1,5}") || Integer.parseInt(digits) < 1 || Integer.parseInt(digits) > 65_535) {
            throw new TypeConversionException(FORM);
        }
        return new InetSocketAddress(address(text.substring(0, colon)), Integer.parseInt(digits));
    }

    private static InetAddress address(String host) throws UnknownHostException {
        if (host.isEmpty()) {
            return InetAddress.getByAddress(new byte[16]);
        }
        boolean isBracketed = host.startsWith("[") && host.endsWith("]");
        if (isBracketed != host.indexOf(':') >= 0) {
            throw new TypeConversionException(FORM);
        }
        try {
            return InetAddress.getByAddress(IpAddress.parse(isBracketed ? host.substring(1, host.length() - 1) : host)
                    .toBytes());
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(FORM);
        }
    }
}
