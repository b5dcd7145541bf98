using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.WebUtilities;

namespace Dashboard.Web.Components.Common;

/// <summary>Query strings of calls to Ingest.Api.</summary>
internal static class ApiQuery
{
    /// <summary>A query of what is given, with its question mark; empty where nothing is.</summary>
    public static string Of(params IEnumerable<(string Name, string? Value)> parameters) =>
        new QueryBuilder(
            parameters.Where(item => !string.IsNullOrWhiteSpace(item.Value)).Select(item => KeyValuePair.Create(item.Name, item.Value!.Trim()))
        ).ToString();

    /// <summary>The value of a parameter of an address; null where it has none.</summary>
    public static string? Value(string? address, string name) =>
        address?.IndexOf('?', StringComparison.Ordinal) is >= 0 and var at && QueryHelpers.ParseQuery(address[at..]).TryGetValue(name, out var values)
            ? values.ToString()
            : null;
}
