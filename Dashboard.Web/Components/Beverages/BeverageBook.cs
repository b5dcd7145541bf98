using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Dashboard.Web.Components.Beverages;

/// <summary>Reads beverages for the pages.</summary>
internal sealed class BeverageBook(IServiceScopeFactory scopes)
{
    /// <summary>Beverages on a page.</summary>
    public const int PageSize = 100;

    /// <summary>Reads a page, by name.</summary>
    /// <param name="isArchived">Those that are archived, or those that are not.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>One more than a page where there are more.</returns>
    public async Task<IReadOnlyList<Beverage>> ReadAsync(bool isArchived, Guid? after, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        var rows = db.Beverages.Where(row => row.IsArchived == isArchived);
        if (after is not null)
        {
            rows = rows.Where(row => row.NameKey.CompareTo(db.Beverages.Where(last => last.Id == after).Max(last => last.NameKey)) > 0);
        }

        return await rows.OrderBy(row => row.NameKey).Take(PageSize + 1).ToListAsync(cancellationToken);
    }
}
