using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace Ingest.Api.Http;

/// <summary>Names what is wrong in the query of a request: the framework answers 400 without a word where one is missing or cannot be parsed.</summary>
internal static class QueryFaults
{
    private static readonly MethodInfo Parse = typeof(QueryFaults).GetMethod(nameof(IsParsed), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Says which parameter is missing or cannot be parsed, where one of the endpoint's is that.</summary>
    public static void Name(HttpContext context, ProblemDetails problem)
    {
        foreach (var parameter in Parameters(context))
        {
            var name = parameter.QueryName();
            var type = Nullable.GetUnderlyingType(parameter.ParameterInfo.ParameterType) ?? parameter.ParameterInfo.ParameterType;
            var value = $"{context.Request.Query[name]}";
            var wanted =
                value.Length == 0 ? (!parameter.IsOptional && FromQuery(parameter) is not null ? "given" : null)
                : !parameter.HasTryParse || Parse.MakeGenericMethod(type).Invoke(null, [value]) is true ? null
                : type == typeof(int) ? "a whole number, 1 or more"
                : type == typeof(bool) ? "true or false"
                : "an RFC 3339 time, like 2026-01-31T12:00:00Z, or a date";
            if (wanted is not null)
            {
                problem.Detail = $"The parameter '{name}' must be {wanted}.";
                problem.Extensions["errors"] = new Dictionary<string, string?[]> { [name] = [problem.Detail] };
                return;
            }
        }
    }

    /// <summary>The parameters of the endpoint that is called.</summary>
    public static IReadOnlyList<IParameterBindingMetadata> Parameters(HttpContext context) =>
        // Where binding has thrown, the endpoint is the failure's.
        (
            context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint
        )?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? [];

    /// <summary>What a parameter is called in a query.</summary>
    public static string QueryName(this IParameterBindingMetadata parameter) => FromQuery(parameter)?.Name ?? parameter.Name;

    private static IFromQueryMetadata? FromQuery(IParameterBindingMetadata parameter) =>
        parameter.ParameterInfo.GetCustomAttributes(inherit: true).OfType<IFromQueryMetadata>().FirstOrDefault();

    private static bool IsParsed<T>(string value)
        where T : IParsable<T> => T.TryParse(value, CultureInfo.InvariantCulture, out _);
}
