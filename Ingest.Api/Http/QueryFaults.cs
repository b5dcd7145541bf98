using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace Ingest.Api.Http;

/// <summary>Names what is wrong in the query of a request: the framework answers 400 without a word where a parameter cannot be parsed.</summary>
internal static class QueryFaults
{
    private static readonly MethodInfo Parse = typeof(QueryFaults).GetMethod(nameof(IsParsed), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Says which parameter cannot be parsed, where one of the endpoint's cannot.</summary>
    public static void Name(HttpContext context, ProblemDetails problem)
    {
        foreach (var parameter in Parameters(context))
        {
            var name = parameter.QueryName();
            var type = Nullable.GetUnderlyingType(parameter.ParameterInfo.ParameterType) ?? parameter.ParameterInfo.ParameterType;
            if (
                parameter.HasTryParse
                && context.Request.Query.TryGetValue(name, out var values)
                && $"{values}" is { Length: > 0 } value
                && Parse.MakeGenericMethod(type).Invoke(null, [value]) is false
            )
            {
                var wanted =
                    type == typeof(int) ? "a whole number, 1 or more"
                    : type == typeof(bool) ? "true or false"
                    : "an RFC 3339 time, like 2026-01-31T12:00:00Z, or a date";
                problem.Detail = $"The parameter '{name}' must be {wanted}.";
                problem.Extensions["errors"] = new Dictionary<string, string?[]> { [name] = [problem.Detail] };
                return;
            }
        }
    }

    /// <summary>The parameters of the endpoint that is called.</summary>
    public static IReadOnlyList<IParameterBindingMetadata> Parameters(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? [];

    /// <summary>What a parameter is called in a query.</summary>
    public static string QueryName(this IParameterBindingMetadata parameter) =>
        parameter.ParameterInfo.GetCustomAttributes(inherit: true).OfType<IFromQueryMetadata>().FirstOrDefault()?.Name ?? parameter.Name;

    private static bool IsParsed<T>(string value)
        where T : IParsable<T> => T.TryParse(value, CultureInfo.InvariantCulture, out _);
}
