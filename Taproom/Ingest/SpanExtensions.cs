using System.Diagnostics;
using System.Net;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>What spans of any service say in the same way.</summary>
public static class SpanExtensions
{
    /// <summary>Marks a span as failed: its status, and the exception's type as <c>error.type</c>; never its words, which may hold anything.</summary>
    public static Activity? Failed(this Activity? activity, Exception exception) =>
        activity?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", exception.GetType().FullName);

    /// <summary>Says which Redis a span is about; of several servers the first.</summary>
    internal static Activity? At(this Activity? activity, IConnectionMultiplexer redis)
    {
        if (activity is not { IsAllDataRequested: true } || redis.GetEndPoints() is not [var first, ..])
        {
            return activity;
        }

        var (address, port) = first switch
        {
            DnsEndPoint name => (name.Host, name.Port),
            IPEndPoint number => (number.Address.ToString(), number.Port),
            _ => (first.ToString(), 0),
        };
        return activity.SetTag("server.address", address).SetTag("server.port", port);
    }
}
