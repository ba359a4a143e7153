using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class OrderOfWork : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Studies_PredictedClass_ReadCount_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_ReadCount_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_Status_ReadCount_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.AddColumn<Guid>(
                name: "AssignedTo",
                table: "Studies",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Urgency",
                table: "Studies",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "WaitsUrgently",
                table: "Studies",
                type: "INTEGER",
                nullable: false,
                computedColumnSql: "(\"Urgency\" IS NOT NULL AND \"ReadCount\" = 0)",
                stored: false);

            migrationBuilder.CreateTable(
                name: "SavedFilters",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    OwnerId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false, collation: "NOCASE"),
                    Query = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    IsDefault = table.Column<bool>(type: "INTEGER", nullable: false),
                    SavedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SavedFilters", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_AssignedTo_ReadCount_WaitsUrgently_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "AssignedTo", "ReadCount", "WaitsUrgently", "ReceivedAt", "Id" },
                descending: new[] { false, false, true, true, true },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_PredictedClass_ReadCount_WaitsUrgently_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "PredictedClass", "ReadCount", "WaitsUrgently", "ReceivedAt", "Id" },
                descending: new[] { false, false, true, true, true },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_ReadCount_WaitsUrgently_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "ReadCount", "WaitsUrgently", "ReceivedAt", "Id" },
                descending: new[] { false, true, true, true },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_Status_ReadCount_WaitsUrgently_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "Status", "ReadCount", "WaitsUrgently", "ReceivedAt", "Id" },
                descending: new[] { false, false, true, true, true },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_Urgent",
                table: "Studies",
                columns: new[] { "ReadCount", "WaitsUrgently", "ReceivedAt", "Id" },
                descending: new[] { false, true, true, true },
                filter: "\"Urgency\" IS NOT NULL AND NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_SavedFilters_OwnerId",
                table: "SavedFilters",
                column: "OwnerId",
                unique: true,
                filter: "\"IsDefault\"");

            migrationBuilder.CreateIndex(
                name: "IX_SavedFilters_OwnerId_Name",
                table: "SavedFilters",
                columns: new[] { "OwnerId", "Name" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "SavedFilters");

            migrationBuilder.DropIndex(
                name: "IX_Studies_AssignedTo_ReadCount_WaitsUrgently_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_PredictedClass_ReadCount_WaitsUrgently_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_ReadCount_WaitsUrgently_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_Status_ReadCount_WaitsUrgently_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_Urgent",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "WaitsUrgently",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "AssignedTo",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "Urgency",
                table: "Studies");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_PredictedClass_ReadCount_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "PredictedClass", "ReadCount", "ReceivedAt", "Id" },
                descending: new[] { false, false, true, true },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_ReadCount_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "ReadCount", "ReceivedAt", "Id" },
                descending: new[] { false, true, true },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_Status_ReadCount_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "Status", "ReadCount", "ReceivedAt", "Id" },
                descending: new[] { false, false, true, true },
                filter: "NOT \"IsWithdrawn\"");
        }
    }
}
