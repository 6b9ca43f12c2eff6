# diamonds.py - make diamonds_calibration.csv and diamonds_test.csv from ggplot2's diamonds.csv.
# SPDX-License-Identifier: GPL-3.0-or-later
import pandas as pd, numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor as H
d=pd.read_csv('diamonds.csv')
# drop exact duplicate stones so that calibration and test share none
d=d.drop_duplicates().reset_index(drop=True)
cuts=['Fair','Good','Very Good','Premium','Ideal']; cols=list('JIHGFED'); cl=['I1','SI2','SI1','VS2','VS1','VVS2','VVS1','IF']
X=np.c_[d.carat,d.cut.map(cuts.index),d.color.map(cols.index),d.clarity.map(cl.index),d.depth,d.table,d.x,d.y,d.z].astype(float)
y=d.price.to_numpy(float)
rng=np.random.default_rng(20261123); p=rng.permutation(len(d))
tr,ca,te=p[:4000],p[4000:14000],p[14000:24000]
m=H(random_state=0,max_iter=150).fit(X[tr],np.log(y[tr]))
lo=H(loss='quantile',quantile=.05,random_state=0,max_iter=150).fit(X[tr],y[tr])
hi=H(loss='quantile',quantile=.95,random_state=0,max_iter=150).fit(X[tr],y[tr])
mu=np.exp(m.predict(X))
# residual scale model on out-of-fold absolute residuals of the training part
from sklearn.model_selection import cross_val_predict
oof=np.exp(cross_val_predict(H(random_state=0,max_iter=150),X[tr],np.log(y[tr]),cv=5))
s=H(loss='absolute_error',random_state=0,max_iter=100).fit(X[tr],np.abs(y[tr]-oof))
sc=np.maximum(s.predict(X),1)
for name,i in (('diamonds_calibration',ca),('diamonds_test',te)):
    o=pd.DataFrame(dict(carat=d.carat[i],cut=d.cut[i],color=d.color[i],clarity=d.clarity[i],price=d.price[i],predicted=np.round(mu[i],1),scale=np.round(sc[i],1),q05=np.round(lo.predict(X[i]),1),q95=np.round(hi.predict(X[i]),1)))
    o.to_csv(name+'.csv',index=False)
    r=np.abs(o.price-o.predicted); print(name,len(o),r.mean(),((o.price>=o.q05)&(o.price<=o.q95)).mean())
