from django.urls import path

from harvests.desk import dashboard, flash, held, previewing, running, source
from harvests.desk.access import moving, page, partial

urlpatterns = [
    path("", page(dashboard.dashboard), name="home"),
    path("running/", moving(running.part), name="running"),
    path("ended/", partial(flash.part), name="ended"),
    path("sources/<str:key>/", page(source.source), name="source"),
    path("sources/<str:key>/preview/", page(previewing.preview), name="source-preview"),
    path("sources/<str:key>/dismiss/", page(held.dismiss), name="source-dismiss"),
    path("sources/<str:key>/unkeep/", page(held.unkeep), name="source-unkeep"),
]
