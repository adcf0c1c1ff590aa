import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Reads properties files with java.util.Properties and tells what it read.
 *
 * Standard input: a count, then for each file a flag (0: ISO-8859-1, 1: UTF-8) and its bytes. Standard output: for each
 * file either -1 (refused) or its number of pairs, each pair as key and value in UTF-16, then the bytes that
 * Properties.store makes of it. Numbers are 32 bits, big-endian; byte strings are preceded by their length.
 */
final class PropertiesOracle {
    public static void main(String[] arguments) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out));
        int count = in.readInt();
        for (int index = 0; index < count; index++) {
            boolean utf8 = in.readInt() == 1;
            byte[] bytes = new byte[in.readInt()];
            in.readFully(bytes);
            answer(bytes, utf8, out);
        }
        out.flush();
    }

    private static void answer(byte[] bytes, boolean utf8, DataOutputStream out) throws IOException {
        Properties properties = new Properties();
        try {
            ByteArrayInputStream source = new ByteArrayInputStream(bytes);
            if (utf8) {
                properties.load(new InputStreamReader(source, StandardCharsets.UTF_8));
            } else {
                properties.load(source);
            }
        } catch (IllegalArgumentException malformed) {
            out.writeInt(-1);
            return;
        }
        TreeMap<String, String> sorted = new TreeMap<>();
        for (String name : properties.stringPropertyNames()) {
            sorted.put(name, properties.getProperty(name));
        }
        out.writeInt(sorted.size());
        for (var pair : sorted.entrySet()) {
            writeText(pair.getKey(), out);
            writeText(pair.getValue(), out);
        }
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        properties.store(stored, "written by \u00e4 Java program\nof two lines");
        writeBytes(stored.toByteArray(), out);
    }

    private static void writeText(String text, DataOutputStream out) throws IOException {
        // Written by hand: an encoder would replace half a surrogate pair by a question mark.
        byte[] bytes = new byte[text.length() * 2];
        for (int index = 0; index < text.length(); index++) {
            bytes[index * 2] = (byte) text.charAt(index);
            bytes[index * 2 + 1] = (byte) (text.charAt(index) >> 8);
        }
        writeBytes(bytes, out);
    }

    private static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
