using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class WorklistFilters : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Studies_PredictedClass_ReceivedAt",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_Status_ReceivedAt",
                table: "Studies");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_PredictedClass_ReadCount_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "PredictedClass", "ReadCount", "ReceivedAt", "Id" },
                descending: new[] { false, false, true, true });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_Status_ReadCount_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "Status", "ReadCount", "ReceivedAt", "Id" },
                descending: new[] { false, false, true, true });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Studies_PredictedClass_ReadCount_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_Status_ReadCount_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_PredictedClass_ReceivedAt",
                table: "Studies",
                columns: new[] { "PredictedClass", "ReceivedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_Status_ReceivedAt",
                table: "Studies",
                columns: new[] { "Status", "ReceivedAt" });
        }
    }
}
