using System.Text;

namespace MQTTnet;

/// <summary>Says which user name and password a CONNECT carries; asked again at each connect.</summary>
public interface IMqttClientCredentialsProvider
{
    string? GetUserName(MqttClientOptions clientOptions);

    byte[]? GetPassword(MqttClientOptions clientOptions);
}

/// <summary>A fixed user name and password.</summary>
public sealed class MqttClientCredentials : IMqttClientCredentialsProvider
{
    private readonly string? _userName;
    private readonly byte[]? _password;

    public MqttClientCredentials(string? userName, byte[]? password = null)
    {
        _userName = userName;
        _password = password;
    }

    public string? GetUserName(MqttClientOptions clientOptions) => _userName;

    public byte[]? GetPassword(MqttClientOptions clientOptions) => _password;

    internal static MqttClientCredentials FromText(string? userName, string? password) =>
        new(userName, password is null ? null : Encoding.UTF8.GetBytes(password));
}
