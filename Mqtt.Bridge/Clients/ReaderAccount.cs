using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.HomeAssistant;

namespace Mqtt.Bridge.Clients;

/// <summary>The account by which Home Assistant reads what the bridge announces. There is none while taps are not announced.</summary>
internal sealed class ReaderAccount(IOptions<HomeAssistantOptions> options)
{
    private readonly string? _user = options.Value is { Enabled: true, User: { Length: > 0 } user } ? user : null;
    private readonly byte[] _hash = SHA256.HashData(Encoding.UTF8.GetBytes(options.Value.Password ?? ""));

    /// <summary>The discovery prefix; null while taps are not announced.</summary>
    public string? Prefix { get; } = options.Value.Enabled ? options.Value.DiscoveryPrefix : null;

    /// <summary>Whether a user name is that of the account.</summary>
    public bool IsNamed(string? userName) => _user is not null && userName == _user;

    /// <summary>Whether a password is that of the account; takes as long for every password.</summary>
    public bool Match(string password) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(password)), _hash);
}
