using System.Globalization;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace Ingest.Api.Meters;

/// <summary>Reads what a Rainforest gateway answers to <c>get_instantaneous_demand</c>: XML with hexadecimal numbers.</summary>
internal static class RainforestAnswer
{
    /// <summary>The command that is posted.</summary>
    public const string Command = "<Command><Name>get_instantaneous_demand</Name></Command>";

    /// <summary>Where it is posted, below the gateway's address.</summary>
    public const string Path = "/cgi-bin/post_manager";

    private static readonly string[] Numbers =
    [
        "DeviceMacId",
        "MeterMacId",
        "TimeStamp",
        "Demand",
        "Multiplier",
        "Divisor",
        "DigitsRight",
        "DigitsLeft",
    ];

    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    /// <summary>The answer as a JSON object: the signed <c>Demand</c>, seven numbers up to 2^64 - 1, and the text <c>SuppressLeadingZero</c>.</summary>
    /// <exception cref="MeterException">It is no such answer.</exception>
    public static byte[] ToJson(byte[] xml)
    {
        var root = Load(xml);
        if (root.Name.LocalName == "Error")
        {
            throw new MeterException("The meter answered with an error.");
        }

        var members = new Dictionary<string, object>();
        foreach (var name in Numbers)
        {
            var (number, digits) = ToNumber(name, Text(root, name));
            members[name] = name switch
            {
                // A home that feeds the grid; 24 bits by the ZigBee attribute, more in newer gateways.
                "Demand" when digits is 6 or 8 or 16 => Signed(number, 4 * digits),
                // Both are one while the meter has not told them yet.
                "Multiplier" or "Divisor" when number == 0 => 1,
                _ => number,
            };
        }

        members["SuppressLeadingZero"] = Text(root, "SuppressLeadingZero");
        return JsonSerializer.SerializeToUtf8Bytes(members);
    }

    private static XElement Load(byte[] xml)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(xml), Settings);
            return XElement.Load(reader);
        }
        catch (XmlException)
        {
            throw new MeterException("The meter's answer is not XML.");
        }
    }

    private static string Text(XElement root, string name) =>
        root.Element(name)?.Value.Trim() ?? throw new MeterException($"The meter's answer has no element {name}.");

    private static long Signed(ulong number, int bits) => (long)(number << (64 - bits)) >> (64 - bits);

    private static (ulong Number, int Digits) ToNumber(string name, string text)
    {
        var digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
        return ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? (number, digits.Length)
            : throw new MeterException($"The element {name} is not a hexadecimal number.");
    }
}
