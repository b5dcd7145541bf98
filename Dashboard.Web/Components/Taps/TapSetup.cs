using Dashboard.Web.Board;
using Microsoft.Extensions.Options;
using QRCoder;

namespace Dashboard.Web.Components.Taps;

/// <summary>What a QR code tells the set-up page of a tap's firmware: where the bridge is, and who the tap is there. See docs/firmware.md.</summary>
internal sealed class TapSetup(IOptions<DashboardOptions> options)
{
    private const int PlainPort = 1883;
    private const int TlsPort = 8883;

    /// <summary>The address in the code: <c>taproom:setup?host=…&amp;port=…&amp;tls=0|1&amp;tap=…&amp;token=…</c>.</summary>
    /// <param name="pageHost">The host by which the page was opened, where no setting names the bridge.</param>
    /// <param name="tapId">The tap.</param>
    /// <param name="token">Its token.</param>
    public string AddressOf(string pageHost, int tapId, string token)
    {
        var bridge = Uri.TryCreate(options.Value.MqttAddress, UriKind.Absolute, out var address) ? address : null;
        var isTls = bridge?.Scheme == "mqtts";
        var port =
            bridge?.Port > 0 ? bridge.Port
            : isTls ? TlsPort
            : PlainPort;
        return $"taproom:setup?host={Uri.EscapeDataString(bridge?.Host ?? pageHost)}&port={port}&tls={(isTls ? 1 : 0)}&tap={tapId}&token={Uri.EscapeDataString(token)}";
    }

    /// <summary>The same, to be shown: without the token.</summary>
    public static string WithoutToken(string address) => address[..address.IndexOf("&token=", StringComparison.Ordinal)] + "&token=…";

    /// <summary>The code as an SVG, black on white in either theme, because scanners want it so.</summary>
    /// <param name="address">What is in it.</param>
    /// <param name="label">What a screen reader says.</param>
    public static string Svg(string address, string label)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(address, QRCodeGenerator.ECCLevel.M);
        using var code = new SvgQRCode(data);
        var svg = code.GetGraphic(4, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
        return svg.Replace("<svg ", $"<svg role=\"img\" aria-label=\"{System.Net.WebUtility.HtmlEncode(label)}\" ", StringComparison.Ordinal);
    }
}
