using System.ComponentModel;
using System.Linq.Expressions;
using Microsoft.AspNetCore.Mvc;

namespace Ingest.Api.Http;

/// <summary>Of which time, in a query string.</summary>
public sealed class TimeRange
{
    [FromQuery(Name = "from"), Description("This RFC 3339 time or later; of a date alone, its first instant in UTC.")]
    public TimeParameter? From { get; init; }

    [FromQuery(Name = "to"), Description("Before this RFC 3339 time; of a date alone, its first instant in UTC.")]
    public TimeParameter? To { get; init; }

    /// <summary>Whether a time is within it.</summary>
    internal bool Has(DateTimeOffset at) => (From is null || at >= From.Value.Value) && (To is null || at < To.Value.Value);

    /// <summary>The rows whose time is within it.</summary>
    internal IQueryable<T> Of<T>(IQueryable<T> rows, Expression<Func<T, DateTimeOffset>> at)
    {
        rows = From is { Value: var from } ? rows.Where(Compare(Expression.GreaterThanOrEqual, () => from)) : rows;
        return To is { Value: var to } ? rows.Where(Compare(Expression.LessThan, () => to)) : rows;

        Expression<Func<T, bool>> Compare(Func<Expression, Expression, Expression> compare, Expression<Func<DateTimeOffset>> time) =>
            Expression.Lambda<Func<T, bool>>(compare(at.Body, time.Body), at.Parameters);
    }

    /// <summary>Where it begins and ends.</summary>
    /// <param name="end">Where it ends when it does not say.</param>
    /// <param name="usual">How long it is when it does not say where it begins.</param>
    internal (DateTimeOffset From, DateTimeOffset To) Or(DateTimeOffset end, TimeSpan usual)
    {
        var to = To?.Value ?? end;
        return (From?.Value ?? (to - DateTimeOffset.MinValue > usual ? to - usual : DateTimeOffset.MinValue), to);
    }
}
