using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Benchmarks.Pages;

/// <summary>The protocol between Blazor's script and its server: SignalR's MessagePack under another name.</summary>
internal sealed class BlazorPack : IHubProtocol
{
    private readonly MessagePackHubProtocol _pack = new();

    /// <inheritdoc />
    public string Name => "blazorpack";

    /// <inheritdoc />
    public int Version => _pack.Version;

    /// <inheritdoc />
    public TransferFormat TransferFormat => _pack.TransferFormat;

    /// <inheritdoc />
    public bool IsVersionSupported(int version) => _pack.IsVersionSupported(version);

    /// <inheritdoc />
    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message) =>
        _pack.TryParseMessage(ref input, binder, out message);

    /// <inheritdoc />
    public void WriteMessage(HubMessage message, IBufferWriter<byte> output) => _pack.WriteMessage(message, output);

    /// <inheritdoc />
    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => _pack.GetMessageBytes(message);
}
